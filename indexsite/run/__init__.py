"""Runs the whole site on one machine: own servers, worker, beat and web, watched over together."""

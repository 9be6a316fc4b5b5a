"""Fetching from addresses that people gave: without Django, without trust."""

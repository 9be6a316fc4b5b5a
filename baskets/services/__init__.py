"""Writes of the baskets room: shipped baskets, publishing, requests for releases, releases."""

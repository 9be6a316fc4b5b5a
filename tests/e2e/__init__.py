"""The whole path, from a file of results to the page and the mail, with every part a real one."""

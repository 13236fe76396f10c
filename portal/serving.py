"""How gunicorn serves the portal, whoever starts it: `gunicorn portal.wsgi --config portal/serving.py`."""

from gunicorn.http import message

# A query of 10,000 characters, each nine bytes in an address, reaches the page, which cuts it. gunicorn knows only its
# own 8,190 bytes at most or no bound at all, and reading a line without end would keep a worker and its memory busy.
limit_request_line = message.MAX_REQUEST_LINE = 128 * 1024

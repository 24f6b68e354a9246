"""Views over HTTP, a file a view, named as the view is."""

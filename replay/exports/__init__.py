"""Views into files for analysts, and projects into the file that donors publish."""

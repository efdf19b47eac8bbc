"""Calendars: busy times in, invitations out."""

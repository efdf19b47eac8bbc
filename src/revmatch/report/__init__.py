"""What people read: reasons in words, the summary of a plan, and its page."""

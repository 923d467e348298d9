"""What proves a release with the trainer itself: its environment, its loader and its list of settings."""

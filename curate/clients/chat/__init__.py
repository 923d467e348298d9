"""Chat: any OpenAI-compatible endpoint, with a journal in which every paid reply is kept before it is read."""

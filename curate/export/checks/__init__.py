"""Would a release train as it is? One question a file."""

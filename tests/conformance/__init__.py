"""The suite every backend passes: run it with KERAS_BACKEND naming the backend."""

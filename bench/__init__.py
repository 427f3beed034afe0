"""Ours and the stock `rasa init` bot, side by side in one run: `make bench`."""

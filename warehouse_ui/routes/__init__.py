"""One module per screen: parse, call one service, render."""

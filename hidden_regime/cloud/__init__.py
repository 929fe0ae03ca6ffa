"""QuantConnect from outside: a typed client, what a call costs before it is made, and a server to practise on."""

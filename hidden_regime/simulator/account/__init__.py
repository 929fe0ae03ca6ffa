"""The account: securities, what is held of them, cash, margin, and closed trades."""

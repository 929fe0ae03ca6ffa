"""Before real money: what an idea has to say, what a strategy has to have passed, and who has signed for it."""

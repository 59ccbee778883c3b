// Loaded before the program (`node --import`), so that the program itself knows nothing of it: its
// wall clock is ahead by CLOCK_AHEAD_MS milliseconds.

const now = Date.now.bind(Date);
const aheadMs = Number(process.env.CLOCK_AHEAD_MS ?? 0);
Date.now = () => now() + aheadMs;

const last = new Int32Array(1)

/**
 * Takes what a loop has read ahead, since the compiler leaves out reading of which nothing comes.
 *
 * PERF: a line of memory that is not in the cache takes some 200 ns. A loop that does nothing but read has many of them
 * on their way at once, while one that decides by what it reads waits for each. So what decides reads ahead first.
 */
export function keep(word: number): void {
  last[0] = word
}

/** What a script can tell from how lossnet ended. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** wrong command line or configuration */
  usage: 2,
  /** the loss is not a finite number any more */
  diverged: 3,
  /** a figure is not what `expect` says */
  unexpected: 4,
  /** of several processes that train one model, another one failed, or never came */
  rankLost: 5,
  /** the terminal was closed (SIGHUP), after saving */
  hungUp: 129,
  /** Ctrl-C, after saving */
  interrupted: 130,
  /** SIGTERM, after saving */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

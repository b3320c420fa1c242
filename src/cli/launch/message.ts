/** What a rank failed for. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** As it is to be shown, what is to be done about it included; rank 0 has shown its own. */
  readonly shown: readonly string[];
}

/** What a rank tells `lossnet launch` over the channel between them. */
export type RankMessage =
  /** The folder of the run that it has begun, which can be resumed. */
  { readonly begun: string } | { readonly failed: Failure };

/**
 * Tells `lossnet launch`, which has started this process, and waits until it is told.
 *
 * @param message what
 */
export function tellLauncher(message: RankMessage): Promise<void> {
  return new Promise((resolve) => {
    // Who is gone is told nothing.
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}

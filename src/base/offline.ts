/**
 * Whether the network is not to be asked for anything: `LOSSNET_OFFLINE`. What is wrong with its value is told with that of
 * other variables, before anything begins.
 */
export function isOffline(): boolean {
  return /^(1|true)$/i.test(process.env.LOSSNET_OFFLINE ?? '');
}

/** Why nothing was downloaded. */
export const OFFLINE = 'the network is not asked while LOSSNET_OFFLINE is set';

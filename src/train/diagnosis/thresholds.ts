/** A run has hardly learnt while its loss fell by less than this share of that of the untrained model. */
export const HARDLY_FELL = 0.05;
/** Below this share of the loss of the untrained model there is little left to fall. */
export const LEARNT = 0.1;

/** Something about data that a user should know before believing a figure. */
export interface Finding {
  /** error: figures would be wrong, or samples cannot be used. */
  readonly level: 'error' | 'warning';
  readonly kind:
    | 'unreadable'
    | 'duplicates_across_parts'
    | 'near_duplicates_across_parts'
    | 'duplicates'
    | 'different_labels'
    | 'missing_class'
    | 'imbalance'
    | 'constant_column'
    | 'numbering_column'
    | 'giveaway_column'
    | 'unknown_token';
  /** One sentence, with how many it is about. */
  readonly message: string;
  /** The first of the files, rows or columns. */
  readonly places: readonly string[];
  /** How many places there are in all. */
  readonly count: number;
  /** What to do about it. */
  readonly remedy: string;
}

/** So many places of a finding are told. */
export const MOST_PLACES = 5;

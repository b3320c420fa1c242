import type { ConfigInput } from '../../../config/index.js';
import type { TrainEvent } from '../../../train/events.js';
import type { Notice } from '../../notices.js';
import type { RunTime } from '../../train/short-trial.js';

/** After which epoch a run is held: saved as if it were interrupted, to go on later to the same bytes. null: it is not. */
export type Until = number | null;

/** What a worker is asked for; one thing at a time, but `stop` at any. Values travel whole: numbers that are not finite too. */
export type Request =
  | {
      readonly type: 'train';
      /** A new run, in the folder that its configuration names. */
      readonly config: ConfigInput;
      /** What errors call the configuration. */
      readonly file: string;
      readonly until: Until;
    }
  /** Goes on with the run in a folder. */
  | { readonly type: 'resume'; readonly folder: string; readonly until: Until }
  /** Makes some steps of a run, to find out how long it takes, and writes nothing. */
  | { readonly type: 'time'; readonly config: ConfigInput; readonly file: string }
  /** Writes a report on the runs of a folder, in the place of one that is there. */
  | { readonly type: 'report'; readonly folder: string }
  /** Saves what is under way, and ends it. */
  | { readonly type: 'stop' };

/** What a worker answers: `ended` last, and whatever there is to tell before. */
export type Response =
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'event'; readonly event: TrainEvent }
  | { readonly type: 'timed'; readonly time: RunTime }
  | { readonly type: 'ended'; readonly outcome: Outcome };

/** How something ended. */
export type Outcome =
  | { readonly status: 'done' | 'diverged' | 'interrupted' | 'held' }
  | { readonly status: 'failed'; readonly reason: string };

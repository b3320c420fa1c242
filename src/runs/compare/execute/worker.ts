import { LossnetError } from '../../../base/errors.js';
import { keepHeapSmall } from '../../../base/heap.js';
import { fromSystem } from '../../../base/system-errors.js';
import { prepareForHangUp } from '../../../base/terminal.js';
import { ConfigError, formatProblems, loadConfig, type ResolvedConfig } from '../../../config/index.js';
import { KeptGraphs } from '../../../train/engine/graph/kept-graphs.js';
import { isRecorded } from '../../store/event-record.js';
import { RunFolder } from '../../store/folder.js';
import type { Surroundings } from '../../surroundings.js';
import { shortTrial } from '../../train/short-trial.js';
import { type TrainOptions, train } from '../../train/train.js';
import { keepingData } from './kept-data.js';
import type { Outcome, Request, Response, Until } from './protocol.js';

/** The program of the processes of `Workers`: carries out requests, one after another, until nobody is there any more to ask. */
keepHeapSmall();
prepareForHangUp();

/** Runs of a comparison mostly share their data. */
const load = keepingData();
/** And their graph: then only the first is traced and compiled. */
const graphs = new KeptGraphs();

/** Stops what is under way; undefined: nothing is. */
let current: AbortController | undefined;

// Nobody is there any more who would want the result: a run is saved, one that has not begun does not begin.
process.on('disconnect', () => current?.abort());
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop(name));
process.on('message', (request: Request) => {
  if (request.type === 'stop') current?.abort();
  // What was asked for while this process started comes when whoever asked may be gone already.
  else if (process.connected) void carryOut(request);
});

/** The first signal saves, the second ends at once; so does the first where there is nothing to save. */
function stop(name: NodeJS.Signals): void {
  if (current === undefined) process.kill(process.pid, name);
  else current.abort();
}

async function carryOut(request: Exclude<Request, { type: 'stop' }>): Promise<void> {
  current = new AbortController();
  const surroundings: Surroundings = {
    env: process.env,
    signal: current.signal,
    onProgress: (notice) => answer({ type: 'notice', notice }),
  };
  let outcome: Outcome;
  try {
    outcome = await outcomeOf(request, surroundings);
  } catch (error) {
    outcome = { status: 'failed', reason: reasonOf(error) };
  }
  current = undefined;
  answer({ type: 'ended', outcome });
}

async function outcomeOf(
  request: Exclude<Request, { type: 'stop' }>,
  surroundings: Surroundings,
): Promise<Outcome> {
  switch (request.type) {
    case 'train': {
      const { config, file, until } = request;
      return await trained(loadConfig({ config, file }), until, {
        ...surroundings,
        mode: 'new',
        load,
        graphs,
      });
    }
    case 'resume': {
      const { folder, until } = request;
      const resolved = loadConfig({ file: new RunFolder(folder).config });
      return await trained(resolved, until, { ...surroundings, mode: 'resume', folder, load, graphs });
    }
    case 'time': {
      const { config, file } = request;
      const time = await shortTrial(loadConfig({ config, file }), surroundings, { load, graphs });
      if (time === null) return { status: 'interrupted' };
      answer({ type: 'timed', time });
      return { status: 'done' };
    }
    case 'report': {
      // Loaded here, since it brings charts and pictures along.
      const { report } = await import('../../report/report.js');
      await report([request.folder], { ...surroundings, force: true });
      return { status: 'done' };
    }
  }
}

async function trained(resolved: ResolvedConfig, until: Until, options: TrainOptions): Promise<Outcome> {
  let isHeld = false;
  for await (const event of train(resolved, options)) {
    if (event.type === 'result') {
      const { status } = event.summary.end;
      return { status: status === 'interrupted' && isHeld ? 'held' : status };
    }
    // Heard before the epoch is saved, as a signal would be. After the last one the run ends by itself.
    if (event.type === 'epoch' && event.epoch === until && until < resolved.yaml.epochs) {
      isHeld = true;
      current?.abort();
    }
    if (event.type === 'prepared' || !isRecorded(event, resolved.yaml.log_every)) continue;
    answer({ type: 'event', event });
  }
  return { status: 'interrupted' };
}

/** In the words that a user would have read, were it the only run. */
function reasonOf(thrown: unknown): string {
  const error = fromSystem(thrown);
  if (error instanceof ConfigError) return formatProblems(error.problems);
  if (error instanceof LossnetError) return [error.message, error.remedy ?? []].flat().join('\n');
  return `this is a defect of lossnet: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** Whoever asked may be gone: then it is said to nobody. */
function answer(response: Response): void {
  if (process.connected) process.send?.(response, undefined, undefined, () => {});
}

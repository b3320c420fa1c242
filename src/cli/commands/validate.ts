import { Command } from 'commander';
import { UsageError } from '../../base/errors.js';
import { exists } from '../../base/read.js';
import { shellWord } from '../../base/shell.js';
import { ConfigError } from '../../config/problems/errors.js';
import { reportError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';

/** `lossnet validate`. */
export function validateCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('validate')
    .summary('check configurations and show their models')
    .description('Checks configurations without training and prints the shapes of each model.')
    .argument('<configs...>', 'YAML configurations; key=value replaces a value of each')
    .action(async (args: string[]) => {
      const isOverride = (text: string) => /^[\w.]+=/.test(text) && !exists(text);
      const overrides = args.filter(isOverride);
      const files = args.filter((text) => !isOverride(text));
      if (files.length === 0) {
        throw new UsageError(
          'LOSSNET_USAGE',
          'There is no configuration to check, only values for one.',
          `For example: lossnet validate configs/cifar-sgd.yaml ${overrides.map(shellWord).join(' ')}`,
        );
      }
      const { loadConfig } = await import('../../config/load.js');
      const { planRun } = await import('../../config/plan.js');
      let code: ExitCode = EXIT.done;
      for (const file of files) {
        try {
          const { model, weights, resolved } = planRun(loadConfig({ file, overrides, env: io.env }));
          for (const note of [...resolved.notes, ...weights.notes()]) io.log(`note: ${note}`);
          for (const warning of resolved.warnings) warn(io, warning);
          io.print(`${io.style.out.green('valid')} ${file}`);
          io.print(model.shapeTable().replace(/^/gm, '  '));
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          code = reportError(error, io, false);
        }
      }
      finish(code);
    });
}

import { Command } from 'commander';
import { ConfigError } from '../../config/problems/errors.js';
import { reportError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';

/** `lossnet validate`. */
export function validateCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command('validate')
    .summary('check configurations and show their models')
    .description('Checks configurations without training and prints the shapes of each model.')
    .argument('<configs...>', 'YAML configurations')
    .action(async (files: string[]) => {
      const { loadConfig } = await import('../../config/load.js');
      const { planRun } = await import('../../config/plan.js');
      let code: ExitCode = EXIT.done;
      for (const file of files) {
        try {
          const { model, resolved } = planRun(loadConfig({ file, overrides: [], env: io.env }));
          for (const note of resolved.notes) io.log(`note: ${note}`);
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

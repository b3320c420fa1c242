import { Command } from 'commander';
import { UsageError } from '../../base/errors.js';
import { jsonLine, shellWord } from '../../base/printable.js';
import { exists } from '../../base/read.js';
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
    .option('--json', 'print a JSON object for each configuration on stdout')
    .addHelpText('after', '\nExample:\n  lossnet validate configs/*.yaml optimizer.lr=0.1')
    .action(async (args: string[], { json = false }: { json?: boolean }) => {
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
      const { planRecord } = await import('../screens/validate.js');
      let code: ExitCode = EXIT.done;
      for (const file of files) {
        try {
          const plan = planRun(loadConfig({ file, overrides, env: io.env }));
          const { model, weights, resolved } = plan;
          const notes = [...resolved.notes, ...weights.notes()];
          if (json) {
            io.print(jsonLine(planRecord(file, plan, notes)));
            continue;
          }
          for (const note of notes) io.log(`note: ${note}`);
          for (const warning of resolved.warnings) warn(io, warning);
          io.print(`${io.style.out.green('valid')} ${file}`);
          io.print(model.shapeTable().replace(/^/gm, '  '));
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          code = reportError(error, io, json);
        }
      }
      finish(code);
    });
}

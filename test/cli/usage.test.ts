import { describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';

describe('help', () => {
  it('lists commands, exit codes, environment and examples', async () => {
    const { code, stdout } = await lossnet(['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: lossnet [options] [command]

      Train neural networks from a YAML file, with the semantics of PyTorch.

      Options:
        -v, --version                              output the version number
        -h, --help                                 display help for command

      Commands:
        train [options] <config> [overrides...]    train a model as a configuration says
        compare [options] [what...]                train variants side by side and say which is best
        launch [options] <command...>              train one model with several processes on this machine
        lr-find [options] <config> [overrides...]  find the learning rate to train with
        explain [options] [source] [overrides...]  show one training step, or a loss, in its real numbers
        report [options] <runs...>                 write charts and tables of runs as one HTML file
        paths [options] <surface> [what...]        draw the paths of optimizers over a surface of two variables
        landscape [options] <runs...>              draw the loss around trained weights, and say how flat it is there
        init [options] [data]                      write a first configuration for data of your own
        validate [options] <configs...>            check configurations and show their models
        data [options] <config> [overrides...]     look at a configuration's data before training on them
        evaluate [options] <run> [overrides...]    say what a trained model is worth: all metrics, each class, calibration
        predict [options] <run> [inputs...]        have a trained model say what it thinks of pictures, rows, arrays or texts
        export [options] <run>                     write a trained model for other programs
        runs                                       find runs again: list, show, compare and remove them
        doctor [options]                           find out whether training works on this machine
        completion <shell>                         print a script with which a shell completes what is typed
        help [command]                             display help for command

      Exit codes:
        0    done
        1    the run failed
        2    wrong command line or configuration
        3    the loss diverged
        4    a figure is not what --expect or the configuration expects
        5    another of the processes that train one model failed, or never came
        130  interrupted by Ctrl-C, saved (143: by SIGTERM, 129: as the terminal was closed)

      Environment:
        LOSSNET_DATA              folder of data sets (default: data)
        LOSSNET_CACHE             cache: native library, pictures (default: ~/.cache/lossnet)
        LOSSNET_LIBTENSORFLOW     a folder with libtensorflow, instead of the library that is provided
        LOSSNET_OFFLINE           1: never ask the network for anything
        LOSSNET_<BLOCK>__<KEY>    a value of the configuration, such as LOSSNET_OPTIMIZER__LR=0.1
        NO_COLOR                  no colours

      Examples:
        lossnet train configs/cifar-sgd.yaml
        lossnet train configs/cifar-adam.yaml optimizer.lr=0.01 epochs=5 --name adam-hot
        lossnet train runs/adam-hot --resume
        lossnet compare sgd momentum adam rmsprop
        lossnet compare sgd adam optimizer.lr=0.1,0.01 --config configs/shapes-sgd.yaml --seeds 3
        lossnet init people.csv --target income
        lossnet data people.yaml
        lossnet report runs/cifar-sgd runs/adam-hot
        lossnet launch -n 2 -- train configs/cifar-sgd.yaml
        lossnet lr-find configs/cifar-sgd.yaml --optimizers sgd,momentum,adam
        lossnet explain configs/shapes-sgd.yaml --step 20
        lossnet paths ravine sgd momentum adam rmsprop
        lossnet landscape runs/cifar-sgd runs/adam-hot
        lossnet evaluate runs/adam-hot --baseline runs/cifar-sgd
        lossnet predict runs/flowers rose.jpg
        lossnet export runs/adam-hot --format onnx
        lossnet runs ls --sort -eval_accuracy
        lossnet doctor
      "
    `);
  });

  it('of train lists its options', async () => {
    const { code, stdout } = await lossnet(['train', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: lossnet train [options] <config> [overrides...]

      Trains a model as a YAML configuration says and keeps everything about the run
      in a folder, runs/<name>. With --resume, a run folder may stand in place of the
      configuration.

      Arguments:
        config             YAML configuration, or the folder of a run to resume
        overrides          values that replace those of the configuration, such as
                           optimizer.lr=0.1 epochs=2

      Options:
        -n, --name <name>  name of the run and of its folder
        --resume           continue the run from its last checkpoint
        --force            replace a run of the same name
        --dry-run          build everything, run one step and one evaluation batch,
                           write nothing
        --print-config     print the resolved configuration and where each value comes
                           from, then stop
        --expect <gate>    what a figure must be at the end, such as
                           eval_accuracy>=0.6, else the exit code is 4; repeatable
        --baseline <run>   a run or comparison to hold the figures against; a gate may
                           name it: eval_accuracy>=baseline-0.01
        --allow-stand-in   let figures of shapes that stand in for a data set pass a
                           gate
        --parallel         train with other processes, as what started this one says:
                           see lossnet launch
        --json             print the events as JSON lines on stdout
        -q, --quiet        print only warnings, errors and the final result
        -h, --help         display help for command
      "
    `);
  });

  it('prints the version', async () => {
    expect(await lossnet(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });
});

describe('a wrong command line ends with exit code 2, no stack trace, and the nearest spelling', () => {
  it.each([
    [['trian', 'x.yaml'], 'Did you mean train?'],
    [['train', 'tiny.yaml', '--jsn'], 'Did you mean --json?'],
    [['train'], "missing required argument 'config'"],
    [['train', 'tiny.yaml', '--resume', '--force'], 'name one of them'],
    [['train', 'tiny.yml'], 'tiny.yaml'],
    [['train', 'tiny.yaml', 'epoch=3'], 'did you mean `epochs`?'],
    [['train', 'tiny.yaml', '3'], 'command line'],
    [['train', 'tiny.yaml', '--name', 'a/b'], 'name'],
    [[], 'Usage: lossnet'],
  ])('%j', async (args, expected) => {
    const { code, stdout, stderr } = await lossnet(args, { cwd: workspace() });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(expected);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

describe('what is typed cannot steer the terminal', () => {
  it.each([
    [['train', 'tiny.yaml', '-\u001b[31mred\r']],
    [['\u001b[2Jtrain']],
    [['train', 'tiny.yaml', '--\u001b]0;title\u0007']],
    [['lr-find', 'tiny.yaml', '--steps', '\r\u001b[2K']],
  ])('%j', async (args) => {
    const { code, stderr } = await lossnet(args, { cwd: workspace() });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*\ufffd/);
    expect(stderr).not.toMatch(/[^\n\P{Cc}]/u);
  });
});

describe('with --json an error is a line on stdout, too', () => {
  const errorOf = async (args: string[]) => {
    const { code, stdout, stderr } = await lossnet(args, { cwd: workspace() });
    expect(stderr).not.toBe('');
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    return { code, error: JSON.parse(stdout) as unknown };
  };

  it('has every problem of a configuration, with its place', async () => {
    const args = ['train', 'tiny.yaml', '--json', 'epochs=0', 'optimizer.lr=fast'];
    expect(await errorOf([...args, 'seed=-1'])).toEqual({
      code: 2,
      error: {
        type: 'error',
        code: 'LOSSNET_CONFIG_INVALID',
        problems: ['epochs', 'optimizer.lr', 'seed'].map((path, i) => ({
          path,
          message: expect.stringContaining('expected'),
          help: expect.any(Array),
          argument: ['epochs=0', 'optimizer.lr=fast', 'seed=-1'][i],
        })),
      },
    });
  });

  it.each([
    [['train', 'no.yaml', '--json'], 2, 'LOSSNET_CONFIG_INVALID'],
    [['train', 'tiny.yaml', '--json', '--resume'], 2, 'LOSSNET_RUN_MISSING'],
    [['train', '--json'], 2, 'LOSSNET_USAGE'],
    [['compare', 'nothing', '--json'], 2, 'LOSSNET_CONFIG_INVALID'],
    [['lr-find', 'tiny.yaml', '--json', '--steps', 'x'], 2, 'LOSSNET_USAGE'],
  ])('%j', async (args, code, name) => {
    const { error, ...result } = await errorOf(args);
    expect([result.code, error]).toEqual([
      code,
      {
        type: 'error',
        code: name,
        problems: [expect.objectContaining({ message: expect.any(String), help: expect.any(Array) })],
      },
    ]);
  });
});

describe('an impossible model', () => {
  it('shows the shapes up to the layer and points at its line', async () => {
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', 'model.3.kernel_size=40'], {
      cwd: workspace(),
    });
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "tiny.yaml:13:5  model.3
        a max_pool2d window of 40 x 40 does not fit an image of 4 x 32 x 32
        → Use a smaller kernel_size, more padding, or fewer pooling layers before it.

          12 |   - { type: relu }
          13 |   - { type: max_pool2d, kernel_size: 4 }
             |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          14 |   - { type: dropout, p: 0.2 }

             input                   3 x 32 x 32
          0  conv2d                  4 x 32 x 32  112 parameters
          1  batch_norm2d            4 x 32 x 32  8 parameters
          2  relu                    4 x 32 x 32
          3  max_pool2d: impossible

      1 problem in tiny.yaml
      "
    `);
  });
});

describe('lossnet validate', () => {
  it('shows the model of a good configuration and the problems of a bad one', async () => {
    const cwd = workspace({ 'bad.yaml': 'epochs: many\n' });
    const { code, stderr } = await lossnet(['validate', 'bad.yaml'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('bad.yaml:1:9')]);
    const good = await lossnet(['validate', 'tiny.yaml'], { cwd: workspace() });
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(/^valid tiny.yaml\n {2} +input +3 x 32 x 32/);
  });

  it('prints a line of JSON for each of several, and ends with 2 when one is wrong', async () => {
    const other = `
      dataset: { type: shapes }
      optimizer: { type: sgd, lr: 0.1 }
      model: [{ type: flatten }, { type: linear, out_features: 2 }, { type: linear, out_features: 10 }]
      freeze: [1]
    `;
    const cwd = workspace({ 'bad.yaml': 'epochs: many\n', 'other.yaml': other });
    const { code, stdout } = await lossnet(['validate', 'bad.yaml', 'other.yaml', '--json'], { cwd });
    const lines = stdout.trimEnd().split('\n');
    expect([code, lines.length]).toEqual([2, 2]);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      ...{ type: 'error', code: 'LOSSNET_CONFIG_INVALID' },
      problems: expect.arrayContaining([expect.objectContaining({ path: 'epochs', file: 'bad.yaml' })]),
    });
    expect(JSON.parse(lines[1]!)).toEqual({
      ...{ type: 'valid', config: 'other.yaml', input: [3, 32, 32] },
      layers: [
        { name: '0', type: 'flatten', output: [3072], parameters: 0, trainable_parameters: 0 },
        { name: '1', type: 'linear', output: [2], parameters: 6146, trainable_parameters: 0 },
        { name: '2', type: 'linear', output: [10], parameters: 30, trainable_parameters: 30 },
      ],
      ...{ parameters: 6176, trainable_parameters: 30, notes: expect.any(Array), warnings: [] },
    });
  });
});

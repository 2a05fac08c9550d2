import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { DebianArchitecture } from './debian-packages';

/** What starts the machine: `BIOS` is SeaBIOS, `UEFI` is EDK II with no boot entries, as on EC2. */
export type Firmware = 'BIOS' | 'UEFI';

/** What firmware prints that finds nothing to boot from. */
const NOTHING = /No bootable device|This is not a bootable disk|No bootable option or device|BdsDxe: No bootable|UEFI Interactive Shell|>>Start PXE|Missing operating system|Operating system not found/i;
/** Nothing that boots here takes longer, without hardware virtualization and beside another test. */
const PATIENCE = 240_000;
/**
 * A BIOS that jumps into a sector without code prints nothing more. A loader prints its first line sooner than the BIOS
 * took to reach it: a multiple of that time is enough on a machine of any speed.
 */
const SILENCE = { times: 5, atLeast: 10_000 };
const HANDED_OVER = /Booting from Hard Disk\.\.\.\s*$/;
/** Code that is none may print anything. A system that boots prints more within a minute. */
const SILENCE_OF_OTHERS = 60_000;

interface Machine {
  readonly program: string;
  readonly options: readonly string[];
  /** Firmware for UEFI and its empty store of variables. */
  readonly uefi: readonly [code: string, variables: string];
}

const MACHINES: Record<DebianArchitecture, Machine> = {
  amd64: { program: 'qemu-system-x86_64', options: ['-machine', 'q35'], uefi: ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd'] },
  arm64: {
    program: 'qemu-system-aarch64', options: ['-machine', 'virt', '-cpu', 'cortex-a57'], uefi: ['/usr/share/AAVMF/AAVMF_CODE.fd', '/usr/share/AAVMF/AAVMF_VARS.fd'],
  },
};

/** Whether machines can be started here; where not, the tests say that they are skipped. */
export function canStart(architecture: DebianArchitecture): 'yes' | 'no' {
  const { program, uefi } = MACHINES[architecture];
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined && uefi.every(fs.existsSync) ? 'yes' : 'no';
}

/**
 * Starts a machine from a RAW disk, which it leaves as it is, and reads its serial console until a line shows that it booted or that nothing did.
 *
 * @returns what `booted` matched, or nothing where the machine found nothing to boot from
 */
export async function start(disk: string, architecture: DebianArchitecture, firmware: Firmware, booted: RegExp): Promise<string | undefined> {
  const { program, options, uefi: [code, variables] } = MACHINES[architecture];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'machine-'));
  const store = path.join(folder, 'variables.fd');
  fs.copyFileSync(variables, store);
  const flash = firmware === 'BIOS' ? [] : [
    '-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${code}`, '-drive', `if=pflash,unit=1,format=raw,file=${store}`,
  ];
  const started = performance.now();
  const machine = spawn(program, [
    ...options, ...flash, '-m', '512', '-accel', 'tcg', '-nographic', '-no-reboot', '-nic', 'none',
    '-drive', `if=none,id=disk,format=raw,snapshot=on,file=${disk}`, '-device', 'virtio-blk-pci,drive=disk,bootindex=0',
  ], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    return await new Promise((resolve, reject) => {
      let console = '';
      const late = setTimeout(() => reject(new Error(`The machine says nothing that is known:\n${console.slice(-2000)}`)), PATIENCE);
      let silent: NodeJS.Timeout | undefined;
      const settle = (end: () => void) => {
        clearTimeout(late);
        clearTimeout(silent);
        end();
      };
      const read = (chunk: Buffer) => {
        console += chunk.toString('latin1');
        const line = booted.exec(console)?.[0];
        if (line !== undefined) settle(() => resolve(line));
        else if (NOTHING.test(console)) settle(() => resolve(undefined));
        clearTimeout(silent);
        const patience = HANDED_OVER.test(console) ? Math.max(SILENCE.atLeast, SILENCE.times * (performance.now() - started)) : SILENCE_OF_OTHERS;
        if (console.includes('Booting from Hard Disk')) silent = setTimeout(() => settle(() => resolve(undefined)), patience);
      };
      machine.stdout.on('data', read);
      machine.stderr.on('data', read);
      machine.on('error', error => settle(() => reject(error)));
      machine.on('exit', () => settle(() => reject(new Error(`The machine ended:\n${console.slice(-2000)}`))));
    });
  } finally {
    machine.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true });
  }
}

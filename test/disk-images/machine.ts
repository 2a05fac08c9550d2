import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { DebianArchitecture } from './debian-packages';

/** What starts the machine: `BIOS` is SeaBIOS, `UEFI` is EDK II without boot entries, as on EC2. */
export type Firmware = 'BIOS' | 'UEFI';

/** What firmware and boot loaders print if they find nothing to boot from. */
const NOTHING = /No bootable device|This is not a bootable disk|No bootable option or device|BdsDxe: No bootable|UEFI Interactive Shell|>>Start PXE|Missing operating system|Operating system not found/i;
/** Every start ends by a line within 20 seconds of an idle core; emulation on a busy machine takes several times as long. */
const PATIENCE = 240_000;
/**
 * SeaBIOS jumps into the first sector at 0x7C00 without a look at its code. QEMU reports the instructions it reaches there, so a
 * sector without code is known by its end: at byte 440, where no boot code reaches, the processor takes the disk's signature and the
 * partition table for instructions.
 */
const TRACE = ['-d', 'in_asm', '-dfilter', '0x7c00+0x200'];
const RAN_OVER_THE_CODE = /^0x0*7d(b[89a-f]|[c-f][0-9a-f]):/m;

interface Machine {
  readonly program: string;
  readonly options: readonly string[];
  /** The firmware for UEFI, and its empty store of variables. */
  readonly uefi: readonly [code: string, variables: string];
}

const MACHINES: Record<DebianArchitecture, Machine> = {
  amd64: { program: 'qemu-system-x86_64', options: ['-machine', 'q35'], uefi: ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd'] },
  arm64: {
    program: 'qemu-system-aarch64', options: ['-machine', 'virt', '-cpu', 'cortex-a57'], uefi: ['/usr/share/AAVMF/AAVMF_CODE.fd', '/usr/share/AAVMF/AAVMF_VARS.fd'],
  },
};

/** Says whether machines of an architecture can be started here. If not, the tests say that they are skipped. */
export function canStart(architecture: DebianArchitecture): 'yes' | 'no' {
  const { program, uefi } = MACHINES[architecture];
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined && uefi.every(fs.existsSync) ? 'yes' : 'no';
}

/**
 * Starts a machine from a RAW disk, which stays unchanged, and reads its serial console until it shows that the disk booted, or that nothing did.
 *
 * @returns what `booted` matched, or undefined if the machine found nothing to boot from
 * @throws Error if neither shows
 */
export async function start(disk: string, architecture: DebianArchitecture, firmware: Firmware, booted: RegExp): Promise<string | undefined> {
  const { program, options, uefi: [code, variables] } = MACHINES[architecture];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'machine-'));
  const store = path.join(folder, 'variables.fd');
  fs.copyFileSync(variables, store);
  const flash = ['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${code}`, '-drive', `if=pflash,unit=1,format=raw,file=${store}`];
  const machine = spawn(program, [
    ...options, ...firmware === 'BIOS' ? TRACE : flash, '-m', '256', '-accel', 'tcg', '-nographic', '-no-reboot', '-nic', 'none',
    '-drive', `if=none,id=disk,format=raw,snapshot=on,file=${disk}`, '-device', 'virtio-blk-pci,drive=disk,bootindex=0',
  ], { stdio: ['ignore', 'pipe', 'pipe'] });
  let late: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      let [console, trace] = ['', ''];
      const fail = (what: string) => reject(new Error(`${what}:\n${console.slice(-2000)}\n${trace.slice(-2000)}`));
      late = setTimeout(() => fail(`The machine showed nothing that is known within ${PATIENCE / 1000} seconds`), PATIENCE);
      machine.stdout.on('data', (chunk: Buffer) => {
        console += chunk.toString('latin1');
        const line = booted.exec(console)?.[0];
        if (line !== undefined) resolve(line);
        else if (NOTHING.test(console)) resolve(undefined);
      });
      machine.stderr.on('data', (chunk: Buffer) => {
        trace += chunk.toString('latin1');
        if (RAN_OVER_THE_CODE.test(trace)) resolve(undefined);
      });
      machine.once('error', reject);
      machine.once('close', () => fail('The machine ended'));
    });
  } finally {
    clearTimeout(late);
    machine.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true });
  }
}

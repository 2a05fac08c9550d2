import { ImportProgress, ImportView, Screen } from '../../scripts/demo-progress';

const VIEWS: ImportView[] = [
  {},
  { task: { ImportTaskId: 'import-ami-1', Status: 'active', StatusMessage: 'converting', Progress: '20' } },
  { task: { ImportTaskId: 'import-ami-1', Status: 'active', StatusMessage: 'converting', Progress: '50' } },
  { task: { ImportTaskId: 'import-ami-1', Status: 'completed' } },
  { task: { ImportTaskId: 'import-ami-1', Status: 'completed' }, image: { state: { status: 'AVAILABLE' } } },
];

function show(kind: Screen['kind'], views: readonly ImportView[]): string {
  let shown = '';
  const progress = new ImportProgress({ kind, write: (text) => { shown += text; } });
  views.forEach((view) => progress.update(view));
  progress.end();
  return shown;
}

describe('the progress of the demo', () => {
  test('is a line for every change of phase where there is no terminal', () => {
    expect(show('lines', VIEWS)).toBe([
      '  import-ami-1: import task converting',
      '  import-ami-1: import task completed',
      '  import-ami-1: Image Builder image AVAILABLE',
      '',
    ].join('\n'));
  });

  test('is a bar that is drawn over on a terminal, and left complete', () => {
    const bars = show('terminal', VIEWS).split('\r\x1b[2K').filter(Boolean);
    expect(bars).toEqual([
      '  [######........................]  20 %  import task converting',
      '  [###############...............]  50 %  import task converting',
      '  [##############################] 100 %  import task completed',
      '  [##############################] 100 %  Image Builder image AVAILABLE\n',
    ]);
  });

  test('says nothing when nothing is imported', () => {
    expect(show('terminal', [{}, {}])).toBe('');
  });
});

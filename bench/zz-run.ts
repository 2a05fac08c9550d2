import { diskCopyGroup } from '/work/wt/snapshot/bench/disk-copy';
import { bodyOf } from '/work/wt/snapshot/bench/render';
void diskCopyGroup('/work/wt/snapshot/assets/disk-copy/index.js').then((group) => console.log(bodyOf(group)));

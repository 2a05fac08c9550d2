import type { World } from './world';

/** Does to AMIs, snapshots and images what a lifecycle policy or a person would, once each, when they have reached a certain age. */
export function letThePersonCome(world: World, now: number): void {
  const does = world.answer('person');
  const isOldEnough = (madeAt: number) => now >= madeAt + world.settings.personComesAfterMs;
  switch (does) {
    case 'nobody':
      return;
    case 'disablesAmi':
    case 'deletesAmi':
      for (const ami of world.amis.values()) {
        if (!ami.visited && ami.description.State === 'available' && isOldEnough(ami.createdAt)) {
          ami.visited = true;
          if (does === 'deletesAmi') {
            // EC2 deregisters no AMI before its protection is lifted.
            ami.description = { ...ami.description, DeregistrationProtection: 'disabled' };
            world.deleteAmi(ami);
          } else {
            ami.description = { ...ami.description, State: 'disabled' };
          }
        }
      }
      return;
    case 'deletesSnapshot':
      for (const snapshot of world.snapshots.values()) {
        // EC2 keeps a snapshot that an AMI uses.
        if (isOldEnough(snapshot.createdAt) && ![...world.amis.values()].some(({ snapshotIds }) => snapshotIds.includes(snapshot.id))) {
          world.deleteSnapshot(snapshot);
        }
      }
      return;
    case 'deletesImage':
      for (const image of world.images.values()) {
        if (image.end?.kind === 'AVAILABLE' && isOldEnough(image.createdAt)) {
          world.deleteImage(image);
        }
      }
  }
}

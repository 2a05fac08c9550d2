import { testSchedules } from '../assert-schedules';
import { amiSchedules } from '../schedules';

// Most of what can go wrong is found without properties of AMIs.
testSchedules({ index: 2, share: 0.1, kind: amiSchedules });

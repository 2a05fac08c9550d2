import { testSchedules } from './assert-schedules';
import { schedules } from './schedules';

testSchedules({ index: 0, share: 0.65, kind: schedules });

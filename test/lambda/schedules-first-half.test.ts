import { testSchedules } from './assert-schedules';

testSchedules(0);

export { seriousFindings, type Finding } from './accessibility.js';
export { listenToComplaints, type Complaints } from './complaints.js';
export { startTestBrowser } from './test-browser.js';

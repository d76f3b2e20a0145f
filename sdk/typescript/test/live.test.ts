/** Tests against a running network, which they share. */
import './live/payments.js'
import './live/fates.js'
import './live/followers.js'
import './live/readme.js'
import './live/browser.js'
import './live/codegen.js'

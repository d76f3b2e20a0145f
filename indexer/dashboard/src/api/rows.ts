/** The lists of the HTTP API. Generated from its OpenAPI document by 'npm run types'. */

/** A value that the module's WIT defines. */
export type Json = any

export interface Lists {
  'account-keys': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      key: string
      listed: boolean
      transaction: string | null
      weight: string
    }
    filter: 'account' | 'key'
  }
  'account-limits': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      counted: string
      countedBefore: string
      countedEarlier: string
      listed: boolean
      max: string
      measure: string
      n: number
      period: Json
      programme: string
      service: string | null
      setBy: string
      sinceMs: string
      transaction: string | null
      windowStartMs: string
    }
    filter: 'account' | 'n' | 'programme'
  }
  'accounts': {
    row: {
      address: string
      atEvent: number
      atHeight: number
      atIndex: number
      kind: string
      label: string | null
      organisation: string | null
      policy: Json
      status: string
      transaction: string | null
    }
    filter: 'address' | 'organisation'
  }
  'admin-actions': {
    row: {
      action: string | null
      by: string | null
      details: Json
      event: number
      height: number
      index: number
      module: string | null
      time: string | null
      transaction: string | null
    }
    filter: 'action' | 'by' | 'from' | 'module' | 'to'
  }
  'allowance-uses': {
    row: {
      allowance: string
      amount: string
      atEvent: number
      atHeight: number
      atIndex: number
      spent: string
      transaction: string | null
    }
    filter: 'allowance' | 'from' | 'since' | 'to' | 'until'
  }
  'allowances': {
    row: {
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      expiresMs: string
      grantedMs: string
      id: string
      limit: string
      owner: string
      payees: Json
      periodMs: string | null
      periodStartMs: string
      reference: string
      spender: string
      spent: string
      state: string
      transaction: string | null
    }
    filter: 'id' | 'owner' | 'spender' | 'state'
  }
  'appeals': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      atMs: string
      by: string
      dispute: string
      module: string
      reason: string
      transaction: string | null
    }
    filter: 'dispute' | 'from' | 'module' | 'since' | 'to' | 'until'
  }
  'applications': {
    row: {
      applicant: string
      applicantOrganisation: string | null
      atEvent: number
      atHeight: number
      atIndex: number
      deadlineMs: string | null
      documents: Json
      id: string
      note: string
      posting: string
      price: string
      removed: boolean
      state: string
      transaction: string | null
    }
    filter: 'applicant' | 'id' | 'posting' | 'state'
  }
  'approvals': {
    row: {
      approver: string
      atEvent: number
      atHeight: number
      atIndex: number
      payment: string
      transaction: string | null
    }
    filter: 'approver' | 'from' | 'payment' | 'since' | 'to' | 'until'
  }
  'arbiters': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      module: string
      registered: boolean
      transaction: string | null
    }
    filter: 'account' | 'module'
  }
  'assets': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      decimals: number
      freezable: boolean
      id: string
      issuer: string
      kind: string
      name: string
      supplyPolicy: Json
      transaction: string | null
    }
    filter: 'id'
  }
  'assignments': {
    row: {
      arbiter: string | null
      atEvent: number
      atHeight: number
      atIndex: number
      atMs: string
      dispute: string
      module: string
      n: number
      onAppeal: boolean
      organisation: string | null
      transaction: string | null
    }
    filter: 'dispute' | 'from' | 'module' | 'n' | 'since' | 'to' | 'until'
  }
  'attestations': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      deadlineMs: string | null
      document: Json
      endedMs: string | null
      id: string
      issuer: string
      kind: string
      organisation: string
      removed: boolean
      state: string
      subject: string
      transaction: string | null
    }
    filter: 'id' | 'organisation' | 'subject'
  }
  'balances': {
    row: {
      account: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      available: string
      entries: number
      held: string
      transaction: string | null
    }
    filter: 'account' | 'asset'
  }
  'bill-lines': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      creditLine: string
      credits: string
      number: string
      quantity: string
      removed: boolean
      service: string
      transaction: string | null
      usages: string
    }
    filter: 'creditLine' | 'number' | 'service'
  }
  'bill-payments': {
    row: {
      amount: string
      atEvent: number
      atHeight: number
      atIndex: number
      bill: string
      paid: string
      payer: string
      time: string
      transaction: string | null
    }
    filter: 'bill' | 'from' | 'since' | 'to' | 'until'
  }
  'bills': {
    row: {
      amount: string
      atEvent: number
      atHeight: number
      atIndex: number
      creditLine: string
      credits: string
      dueMs: string
      fromMs: string
      id: string
      number: string
      paid: string
      removed: boolean
      state: string
      transaction: string | null
      untilMs: string
    }
    filter: 'creditLine' | 'id' | 'state'
  }
  'blocks': {
    row: {
      events: number
      gasUsed: string
      hash: string
      height: number
      parent: string
      proposer: string | null
      round: number
      time: string
      transactions: number
    }
    filter: 'empty' | 'from' | 'hash' | 'proposer' | 'since' | 'to' | 'until'
  }
  'calls': {
    row: {
      arguments: Json
      call: number
      function: string
      height: number
      index: number
      module: string
      result: Json
      undecoded: string | null
    }
    filter: 'from' | 'function' | 'height' | 'index' | 'module' | 'to'
  }
  'cancellation-proposals': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      by: string
      contract: string
      expiresMs: string
      n: number
      toClient: string
      transaction: string | null
    }
    filter: 'contract' | 'from' | 'n' | 'since' | 'to' | 'until'
  }
  'candidates': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      consensusKey: string
      name: string
      nodeKey: string
      organisation: string
      power: string
      transaction: string | null
      waiting: boolean
    }
    filter: 'consensusKey' | 'organisation'
  }
  'cash-flow-months': {
    row: {
      account: string
      asset: string
      entries: number | null
      incoming: string | null
      month: string
      net: string | null
      netMain: string | null
      outgoing: string | null
    }
    filter: 'account' | 'asset' | 'from' | 'to'
  }
  'categories': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      depth: number
      id: string
      name: string
      parent: string | null
      transaction: string | null
    }
    filter: 'id'
  }
  'contractor-months': {
    row: {
      asset: string
      clients: number | null
      contractor: string
      fees: string | null
      milestones: number | null
      month: string
      paid: string | null
      paidMain: string | null
    }
    filter: 'asset' | 'contractor' | 'from' | 'to'
  }
  'contracts': {
    row: {
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      cancellation: Json
      cancellations: number
      client: string
      clientOrganisation: string | null
      contractor: string
      contractorOrganisation: string | null
      endedMs: string | null
      id: string
      milestones: Json
      offer: string
      openMilestones: string
      paid: string
      platformFee: Json
      posting: string
      removed: boolean
      state: string
      terms: Json
      transaction: string | null
    }
    filter: 'client' | 'contractor' | 'id' | 'state'
  }
  'credit-days': {
    row: {
      accounts: number | null
      credits: string | null
      day: string
      programme: string
      programmeName: string | null
      usages: number | null
    }
    filter: 'from' | 'programme' | 'to'
  }
  'credit-liabilities': {
    row: {
      accounts: number | null
      asset: string
      granted: string | null
      grants: number | null
      held: string | null
      issuer: string | null
      programme: string
      programmeName: string | null
      sold: boolean
      unsettled: string | null
      unsettledMain: string | null
      unused: string | null
      used: string | null
    }
    filter: 'asset' | 'issuer' | 'programme' | 'sold'
  }
  'credit-line-states': {
    row: {
      account: string | null
      asset: string | null
      atHeight: number | null
      billed: string | null
      creditLimit: string | null
      creditLine: string
      daysLate: string | null
      drawn: string | null
      free: string | null
      held: string | null
      open: string | null
      openMain: string | null
      programme: string | null
      state: string | null
      suspended: boolean | null
      unbilled: string | null
    }
    filter: 'account' | 'asset' | 'daysLate' | 'programme' | 'state' | 'suspended'
  }
  'credit-lines': {
    row: {
      account: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      bill: string | null
      billed: string
      bills: string
      cycle: string
      cycleEndsMs: string | null
      cycleFromMs: string | null
      dueMs: string | null
      endedMs: string | null
      endsMs: string | null
      gracePeriodMs: string
      held: string
      id: string
      limit: string
      offerExpiresMs: string
      paymentWindowMs: string
      per: string
      period: Json
      price: string
      programme: string
      removed: boolean
      state: string
      suspended: boolean
      termMs: string
      transaction: string | null
      unbilled: string
      unbilledFromMs: string | null
      writtenOff: string
    }
    filter: 'account' | 'id' | 'programme' | 'state'
  }
  'credit-month-services': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      credits: string
      month: string
      programme: string
      quantity: string
      service: string
      transaction: string | null
      usages: string
    }
    filter: 'account' | 'month' | 'programme' | 'service'
  }
  'credit-months': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      closing: string
      creditLineUsed: string
      expired: string
      granted: string
      month: string
      opening: string
      programme: string
      refunded: string
      revoked: string
      transaction: string | null
      used: string
    }
    filter: 'account' | 'month' | 'programme'
  }
  'credit-usage-days': {
    row: {
      account: string
      credits: string | null
      day: string
      programme: string
      programmeName: string | null
      quantity: string | null
      service: string
      usages: number | null
    }
    filter: 'account' | 'from' | 'programme' | 'service' | 'to'
  }
  'deposits': {
    row: {
      amount: string
      atEvent: number
      atHeight: number
      atIndex: number
      by: string
      depositor: string
      dispute: string
      hold: string
      holdExpiresMs: string
      module: string
      n: number
      transaction: string | null
    }
    filter: 'dispute' | 'from' | 'module' | 'n' | 'since' | 'to' | 'until'
  }
  'dispute-offers': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      atMs: string
      by: string
      dispute: string
      module: string
      n: number
      toPayer: string
      transaction: string | null
    }
    filter: 'dispute' | 'from' | 'module' | 'n' | 'since' | 'to' | 'until'
  }
  'dispute-steps': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      deadlineMs: string | null
      detail: Json
      dispute: string
      event: string
      module: string
      n: number
      state: string
      time: string
      transaction: string | null
    }
    filter: 'dispute' | 'from' | 'module' | 'n' | 'since' | 'to' | 'until'
  }
  'disputes': {
    row: {
      amount: string
      amountToPayee: string | null
      amountToPayer: string | null
      arbiterAgreed: boolean | null
      assignments: number
      atEvent: number
      atHeight: number
      atIndex: number
      claim: string
      claimant: string
      deadlineMs: string | null
      deposits: number
      documents: number
      endedMs: string | null
      id: string
      itemId: string
      module: string
      offers: number
      outcome: string | null
      outcomeToPayer: string | null
      payee: string
      payeeCosts: string | null
      payeeFinished: boolean
      payeeOrganisation: string | null
      payeeWants: string | null
      payer: string
      payerCosts: string | null
      payerFinished: boolean
      payerOrganisation: string | null
      payerWants: string | null
      reason: string
      removed: boolean
      requestedBy: string | null
      rulings: number
      state: string
      steps: number
      terms: Json
      transaction: string | null
    }
    filter: 'deadlineMs' | 'id' | 'itemId' | 'module' | 'payee' | 'payer' | 'state'
  }
  'due-milestones': {
    row: {
      amount: string | null
      amountMain: string | null
      asset: string | null
      atHeight: number | null
      client: string | null
      contract: string | null
      contractor: string | null
      deadline: string | null
      due: string | null
      isLate: boolean | null
      milestone: string
      mustAct: string | null
      state: string | null
      title: string | null
    }
    filter: 'client' | 'contract' | 'contractor' | 'isLate' | 'mustAct' | 'state'
  }
  'entries': {
    row: {
      account: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      available: string
      availableChange: string
      held: string
      heldChange: string
      hold: string | null
      kind: string
      n: number
      other: string | null
      payment: string | null
      reference: string | null
      time: string
      transaction: string | null
    }
    filter: 'account' | 'asset' | 'from' | 'kind' | 'n' | 'reference' | 'since' | 'to' | 'until'
  }
  'escrow-exposures': {
    row: {
      amount: string | null
      amountMain: string | null
      asset: string
      controller: string
      holds: number | null
      largest: string | null
      nextExpiry: string | null
      payers: number | null
    }
    filter: 'asset' | 'controller'
  }
  'escrow-payments': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      fee: string
      left: string
      lines: Json
      n: number
      paid: string
      refunded: string
      subOrder: string
      time: string
      transaction: string | null
    }
    filter: 'from' | 'n' | 'since' | 'subOrder' | 'to' | 'until'
  }
  'events': {
    row: {
      call: number
      event: number
      height: number
      index: number
      module: string
      name: string
      time: string
      value: Json
    }
    filter: 'from' | 'height' | 'index' | 'mentions' | 'module' | 'name' | 'since' | 'to' | 'until'
  }
  'evidence': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      atMs: string
      by: string
      dispute: string
      document: Json
      module: string
      n: number
      note: string
      transaction: string | null
    }
    filter: 'dispute' | 'from' | 'module' | 'n' | 'since' | 'to' | 'until'
  }
  'failures': {
    row: {
      code: string
      failures: number | null
      first: string | null
      function: string
      last: string | null
      lastMessage: string | null
      module: string
      senders: number | null
    }
    filter: 'code' | 'function' | 'module'
  }
  'free-cancellations': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      cancelledToday: string
      day: number
      organisation: string
      store: string
      transaction: string | null
    }
    filter: 'organisation' | 'store'
  }
  'freezes': {
    row: {
      account: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      expiresMs: string
      reason: string
      transaction: string | null
      unfrozen: boolean
    }
    filter: 'account' | 'asset'
  }
  'grants': {
    row: {
      account: string
      amount: string
      asset: string | null
      atEvent: number
      atHeight: number
      atIndex: number
      breakage: string | null
      buyer: string | null
      deadlineMs: string | null
      effectiveMs: string
      endedMs: string | null
      expiresMs: string
      held: string
      hold: string | null
      holdExpiresMs: string | null
      id: string
      price: string | null
      priority: string
      programme: string
      reference: string
      refundFee: string | null
      refundUntilMs: string | null
      removed: boolean
      returned: string | null
      settled: string | null
      state: string
      transaction: string | null
      used: string
    }
    filter: 'account' | 'deadlineMs' | 'id' | 'programme' | 'state'
  }
  'hiring-funnels': {
    row: {
      applications: number | null
      atHeight: number | null
      client: string | null
      filledPercent: string | null
      hired: number | null
      offers: number | null
      offersAccepted: number | null
      positions: number | null
      posting: string
      rejected: number | null
      shortlisted: number | null
      state: string | null
      title: string | null
      withdrawn: number | null
    }
    filter: 'client' | 'state'
  }
  'holds': {
    row: {
      amount: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      controller: string
      expiresMs: string
      id: string
      payee: string | null
      payer: string
      reference: string
      remaining: string
      state: string
      transaction: string | null
    }
    filter: 'controller' | 'id' | 'payer' | 'state'
  }
  'invitations': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      posting: string
      removed: boolean
      transaction: string | null
    }
    filter: 'account' | 'posting'
  }
  'job-ratings': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      client: string
      clientComment: string | null
      clientCommitment: string | null
      clientOrganisation: string
      clientScore: string | null
      contract: string
      contractor: string
      contractorComment: string | null
      contractorCommitment: string | null
      contractorOrganisation: string
      contractorScore: string | null
      deadlineMs: string | null
      removed: boolean
      state: string
      transaction: string | null
    }
    filter: 'client' | 'contract' | 'contractor'
  }
  'locations': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      id: string
      name: string
      place: string
      store: string
      transaction: string | null
    }
    filter: 'id' | 'store'
  }
  'market-days': {
    row: {
      asset: string
      day: string
      fees: string | null
      ordered: string | null
      orderedMain: string | null
      orders: number | null
      paid: string | null
      paidMain: string | null
      pieces: string | null
      refunded: string | null
      stores: number | null
    }
    filter: 'asset' | 'from' | 'to'
  }
  'memberships': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      by: string | null
      fromHeight: number
      organisation: string
      transaction: string | null
      untilHeight: number | null
    }
    filter: 'account' | 'fromHeight' | 'organisation'
  }
  'meters': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      name: string
      programme: string
      removed: boolean
      transaction: string | null
    }
    filter: 'account' | 'programme'
  }
  'milestone-steps': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      deadlineMs: string | null
      fee: string | null
      funded: string | null
      milestone: string
      n: number
      paid: string | null
      refunded: string | null
      state: string
      time: string
      transaction: string | null
    }
    filter: 'from' | 'milestone' | 'n' | 'since' | 'to' | 'until'
  }
  'milestones': {
    row: {
      amount: string
      atEvent: number
      atHeight: number
      atIndex: number
      contract: string
      deadlineMs: string | null
      deliverable: Json
      dispute: string | null
      dueMs: string
      fee: string | null
      funded: string | null
      hold: string | null
      holdExpiresMs: string | null
      id: string
      paid: string | null
      payer: string | null
      refunded: string | null
      removed: boolean
      revisionRequests: number
      revisions: string
      state: string
      steps: number
      title: string
      transaction: string | null
    }
    filter: 'contract' | 'deadlineMs' | 'id' | 'state'
  }
  'misbehaviours': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      height: number
      time: string
      transaction: string | null
      validator: string
    }
    filter: 'from' | 'since' | 'to' | 'until' | 'validator'
  }
  'missed-votes': {
    row: {
      height: number
      name: string
      validator: string
    }
    filter: 'from' | 'to' | 'validator'
  }
  'modules': {
    row: {
      code: string
      fromEvent: number
      fromHeight: number
      fromIndex: number
      interface: Json
      module: string
      wit: string
    }
    filter: 'current' | 'module'
  }
  'network-days': {
    row: {
      blocks: number | null
      blocksWithTransactions: number | null
      day: string
      events: number | null
      failed: number | null
      gasUsed: string | null
      senders: number | null
      transactions: number | null
    }
    filter: 'from' | 'to'
  }
  'network-proposals': {
    row: {
      actions: Json
      atHeight: number | null
      by: string | null
      executable: string | null
      failure: Json
      isOpen: boolean | null
      made: string | null
      organisation: string | null
      percentAgainst: string | null
      percentFor: string | null
      percentNeeded: string | null
      proposal: string
      reason: string | null
      state: string | null
      until: string | null
      votesAgainst: number | null
      votesFor: number | null
    }
    filter: 'isOpen' | 'organisation' | 'proposal' | 'state'
  }
  'nodes': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      key: string
      name: string
      organisation: string
      permitted: boolean
      transaction: string | null
    }
    filter: 'key' | 'organisation'
  }
  'offers': {
    row: {
      application: string | null
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      client: string
      clientOrganisation: string | null
      contractor: string
      contractorOrganisation: string | null
      deadlineMs: string | null
      id: string
      milestones: Json
      platformFee: Json
      posting: string
      removed: boolean
      state: string
      terms: Json
      transaction: string | null
    }
    filter: 'client' | 'contractor' | 'id' | 'posting' | 'state'
  }
  'open-disputes': {
    row: {
      amount: string | null
      atHeight: number | null
      claimant: string | null
      deadline: string | null
      dispute: string
      itemId: string | null
      module: string
      payee: string | null
      payer: string | null
      reason: string | null
      state: string | null
    }
    filter: 'itemId' | 'module' | 'payee' | 'payer' | 'state'
  }
  'open-jobs': {
    row: {
      applyUntil: string | null
      asset: string | null
      atHeight: number | null
      budgetMain: string | null
      client: string | null
      hired: number | null
      positions: number | null
      posting: string
      state: string | null
      title: string | null
      visibility: string | null
    }
    filter: 'client' | 'state' | 'visibility'
  }
  'open-orders': {
    row: {
      asset: string | null
      atHeight: number | null
      buyer: string | null
      deadline: string | null
      isLate: boolean | null
      lateS: string | null
      mustAct: string | null
      orderId: string | null
      organisation: string | null
      state: string | null
      store: string | null
      subOrder: string
      totalMain: string | null
      unsettledMain: string | null
    }
    filter: 'buyer' | 'isLate' | 'mustAct' | 'organisation' | 'state' | 'store'
  }
  'order-funnels': {
    row: {
      medianS: string | null
      orders: number | null
      percentOfPlaced: string | null
      percentile90S: string | null
      state: string
      store: string
    }
    filter: 'state' | 'store'
  }
  'order-lines': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      delivered: string
      goodwill: string
      line: number
      location: string
      ordered: string
      refunded: string
      reserved: string
      returned: string
      shipped: string
      subOrder: string
      transaction: string | null
      unitPrice: string
      variant: string
    }
    filter: 'line' | 'subOrder' | 'variant'
  }
  'order-steps': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      by: string | null
      deadlineMs: string | null
      n: number
      state: string
      step: string
      subOrder: string
      time: string
      transaction: string | null
    }
    filter: 'from' | 'n' | 'since' | 'subOrder' | 'to' | 'until'
  }
  'orders': {
    row: {
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      buyer: string
      buyerOrganisation: string | null
      destination: Json
      hold: string
      id: string
      placedMs: string
      reference: string
      removed: boolean
      subOrders: Json
      total: string
      transaction: string | null
    }
    filter: 'buyer' | 'id'
  }
  'organisations': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      name: string
      status: string
      transaction: string | null
    }
    filter: 'name'
  }
  'overdue-bills': {
    row: {
      account: string | null
      amount: string | null
      asset: string | null
      atHeight: number | null
      bill: string
      creditLine: string | null
      daysLate: number | null
      due: string | null
      open: string | null
      openMain: string | null
      paid: string | null
      programme: string | null
      state: string | null
    }
    filter: 'account' | 'asset' | 'creditLine' | 'programme'
  }
  'parameters': {
    row: {
      fromHeight: number
      name: string
      value: Json
    }
    filter: 'current' | 'name'
  }
  'payables': {
    row: {
      account: string
      asset: string
      daysLate: string
      invoices: number | null
      open: string | null
      openMain: string | null
      other: string
    }
    filter: 'account' | 'asset' | 'daysLate' | 'other'
  }
  'pending-payments': {
    row: {
      amount: string
      approvals: string
      approvers: Json
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      expiresMs: string
      id: string
      payee: string
      payer: string
      policyVersion: string
      reference: string
      removed: boolean
      request: string | null
      role: Json
      state: string
      transaction: string | null
    }
    filter: 'id' | 'payee' | 'payer' | 'state'
  }
  'permit-approvals': {
    row: {
      approver: string
      atEvent: number
      atHeight: number
      atIndex: number
      permit: string
      transaction: string | null
    }
    filter: 'approver' | 'from' | 'permit' | 'since' | 'to' | 'until'
  }
  'permits': {
    row: {
      amountMax: string
      approvals: string
      approvers: Json
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      expiresMs: string
      id: string
      payee: string
      payer: string
      policyVersion: string
      reference: string
      removed: boolean
      role: Json
      state: string
      transaction: string | null
    }
    filter: 'id' | 'payer' | 'state'
  }
  'policies': {
    row: {
      account: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      cancelled: boolean
      effectiveMs: string
      n: number
      policy: Json
      transaction: string | null
    }
    filter: 'account' | 'asset' | 'n'
  }
  'policy-uses': {
    row: {
      account: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      day: number
      spentToday: string
      transaction: string | null
    }
    filter: 'account' | 'asset'
  }
  'postings': {
    row: {
      applyUntilMs: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      budget: string
      client: string
      clientOrganisation: string | null
      deadlineMs: string | null
      decideUntilMs: string
      documents: Json
      hired: string
      id: string
      place: string
      positions: string
      removed: boolean
      skills: Json
      state: string
      summary: string
      title: string
      transaction: string | null
      visibility: string
    }
    filter: 'client' | 'deadlineMs' | 'id' | 'q' | 'state' | 'visibility'
  }
  'prices': {
    row: {
      amount: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      effectiveMs: string
      listed: boolean
      transaction: string | null
      untilMs: string | null
      variant: string
    }
    filter: 'asset' | 'effectiveMs' | 'variant'
  }
  'product-documents': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      cid: string
      listed: boolean
      mediaType: string
      n: number
      product: string
      size: string
      transaction: string | null
    }
    filter: 'n' | 'product'
  }
  'product-months': {
    row: {
      amount: string | null
      amountMain: string | null
      asset: string
      month: string
      ordered: string | null
      orders: number | null
      product: string
      returned: string | null
      shipped: string | null
      store: string
      title: string | null
    }
    filter: 'asset' | 'from' | 'product' | 'store' | 'to'
  }
  'products': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      attributes: Json
      category: string
      id: string
      state: string
      store: string
      summary: string
      title: string
      transaction: string | null
      variants: Json
    }
    filter: 'category' | 'id' | 'q' | 'state' | 'store'
  }
  'programmes': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      closesMs: string | null
      defaultLimits: Json
      id: string
      issuer: string
      name: string
      payoutAccount: string
      payoutChange: Json
      saleTerms: Json
      state: string
      transaction: string | null
      unit: string
    }
    filter: 'id' | 'issuer'
  }
  'proposals': {
    row: {
      actions: Json
      atEvent: number
      atHeight: number
      atIndex: number
      by: string
      executableMs: string | null
      failure: Json
      id: string
      lockMs: string
      madeMs: string
      organisation: string
      percent: string
      reason: string
      state: string
      transaction: string | null
      untilMs: string
      votingMs: string
    }
    filter: 'id' | 'organisation' | 'state'
  }
  'quotas': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      kind: string
      maximum: string | null
      organisation: string
      transaction: string | null
    }
    filter: 'kind' | 'organisation'
  }
  'rating-minimums': {
    row: {
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      module: string
      paidMin: string | null
      transaction: string | null
    }
    filter: 'asset' | 'module'
  }
  'rating-sums': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      count: string
      organisation: string
      role: string
      sum: string
      transaction: string | null
    }
    filter: 'organisation' | 'role'
  }
  'ratings': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      buyer: string
      buyerComment: string | null
      buyerCommitment: string | null
      buyerScore: string | null
      deadlineMs: string | null
      removed: boolean
      sellerComment: string | null
      sellerCommitment: string | null
      sellerScore: string | null
      state: string
      store: string
      subOrder: string
      transaction: string | null
    }
    filter: 'buyer' | 'store' | 'subOrder'
  }
  'receivables': {
    row: {
      account: string
      asset: string
      daysLate: string
      invoices: number | null
      open: string | null
      openMain: string | null
      other: string
    }
    filter: 'account' | 'asset' | 'daysLate' | 'other'
  }
  'recoveries': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      by: string
      cancelled: boolean
      fromMs: string
      policy: Json
      transaction: string | null
    }
    filter: 'account'
  }
  'request-payments': {
    row: {
      amount: string
      atEvent: number
      atHeight: number
      atIndex: number
      payer: string
      request: string
      transaction: string | null
    }
    filter: 'from' | 'request' | 'since' | 'to' | 'until'
  }
  'requests': {
    row: {
      amount: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      document: Json
      dueMs: string
      id: string
      paid: string
      partialAllowed: boolean
      payee: string
      payer: string | null
      reference: string
      removed: boolean
      state: string
      transaction: string | null
    }
    filter: 'id' | 'payee' | 'payer' | 'state'
  }
  'requirements': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      kind: string
      n: number
      organisation: string
      posting: string
      transaction: string | null
    }
    filter: 'n' | 'posting'
  }
  'return-cases': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      carrier: string
      documents: Json
      reason: string
      received: boolean
      removed: boolean
      restocked: boolean
      subOrder: string
      tracking: string
      transaction: string | null
    }
    filter: 'subOrder'
  }
  'return-lines': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      line: number
      quantity: string
      subOrder: string
      transaction: string | null
    }
    filter: 'line' | 'subOrder'
  }
  'returns': {
    row: {
      asset: string | null
      atHeight: number | null
      buyer: string | null
      carrier: string | null
      pieces: string | null
      reason: string | null
      received: boolean | null
      requested: string | null
      restocked: boolean | null
      state: string | null
      store: string | null
      subOrder: string
      tracking: string | null
      value: string | null
      valueMain: string | null
    }
    filter: 'buyer' | 'state' | 'store'
  }
  'revisions': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      milestone: string
      n: number
      note: string
      time: string
      transaction: string | null
    }
    filter: 'from' | 'milestone' | 'n' | 'since' | 'to' | 'until'
  }
  'role-changes': {
    row: {
      account: string | null
      by: string | null
      change: string | null
      event: number
      height: number
      index: number
      organisation: string | null
      role: string
      time: string | null
      transaction: string | null
      until: string | null
    }
    filter: 'account' | 'change' | 'from' | 'organisation' | 'role' | 'to'
  }
  'role-limit-uses': {
    row: {
      amount: string
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      atMs: string
      by: string
      module: string
      role: string
      subject: string
      transaction: string | null
      usedToday: string
    }
    filter: 'asset' | 'from' | 'module' | 'role' | 'since' | 'subject' | 'to' | 'until'
  }
  'role-limits': {
    row: {
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      dailyMax: string | null
      day: string
      module: string
      role: string
      singleMax: string | null
      subject: string
      transaction: string | null
      used: string
    }
    filter: 'asset' | 'module' | 'role' | 'subject'
  }
  'role-limits-today': {
    row: {
      asset: string
      atHeight: number | null
      dailyMax: string | null
      leftToday: string | null
      module: string
      role: string
      singleMax: string | null
      subject: string
      usedToday: string | null
    }
    filter: 'asset' | 'module' | 'role' | 'subject'
  }
  'roles': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      by: string | null
      fromHeight: number
      role: string
      transaction: string | null
      untilBy: string | null
      untilHeight: number | null
      untilMs: string | null
    }
    filter: 'account' | 'fromHeight' | 'role'
  }
  'rulings': {
    row: {
      arbiter: string | null
      atEvent: number
      atHeight: number
      atIndex: number
      atMs: string
      dispute: string
      module: string
      n: number
      organisation: string | null
      reasons: Json
      toPayer: string
      transaction: string | null
    }
    filter: 'dispute' | 'from' | 'module' | 'n' | 'since' | 'to' | 'until'
  }
  'sales-days': {
    row: {
      asset: string
      day: string
      fees: string | null
      ordered: string | null
      orderedMain: string | null
      orders: number | null
      paid: string | null
      paidMain: string | null
      pieces: string | null
      refunded: string | null
      store: string
    }
    filter: 'asset' | 'from' | 'store' | 'to'
  }
  'service-prices': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      credits: string
      effectiveMs: string
      listed: boolean
      per: string
      programme: string
      service: string
      transaction: string | null
      version: number
    }
    filter: 'programme' | 'service' | 'version'
  }
  'services': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      id: string
      programme: string
      retiredMs: string | null
      transaction: string | null
    }
    filter: 'id' | 'programme'
  }
  'settings': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      cancelled: boolean
      effectiveMs: string
      module: string
      name: string
      transaction: string | null
      value: Json
      version: string
    }
    filter: 'module' | 'name' | 'version'
  }
  'shipment-lines': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      line: number
      quantity: string
      shipment: number
      subOrder: string
      transaction: string | null
    }
    filter: 'line' | 'shipment' | 'subOrder'
  }
  'shipments': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      carrier: string
      carrierAccount: string | null
      deliveredMs: string | null
      number: number
      proof: Json
      removed: boolean
      shippedMs: string
      subOrder: string
      tracking: string
      transaction: string | null
    }
    filter: 'number' | 'subOrder'
  }
  'silences': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      silent: boolean
      time: string
      times: number
      transaction: string | null
      untilHeight: number
      validator: string
    }
    filter: 'validator'
  }
  'stock': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      available: string
      location: string
      movements: number
      onHand: string
      reserved: string
      transaction: string | null
      variant: string
    }
    filter: 'location' | 'variant'
  }
  'stock-levels': {
    row: {
      atHeight: number | null
      available: string | null
      daysOfCover: string | null
      location: string
      onHand: string | null
      product: string | null
      reserved: string | null
      shipped30Days: string | null
      sku: string | null
      store: string | null
      title: string | null
      variant: string
    }
    filter: 'location' | 'product' | 'sku' | 'store' | 'variant'
  }
  'stock-movements': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      cause: string
      location: string
      n: number
      onHand: string
      onHandChange: string
      reason: string | null
      reserved: string
      reservedChange: string
      subOrder: string | null
      time: string
      transaction: string | null
      variant: string
    }
    filter: 'from' | 'location' | 'n' | 'since' | 'subOrder' | 'to' | 'until' | 'variant'
  }
  'store-ratings': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      count: string
      store: string
      sum: string
      transaction: string | null
    }
    filter: 'store'
  }
  'stores': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      id: string
      name: string
      nextTerms: Json
      organisation: string
      payoutAccount: string
      payoutChange: Json
      state: string
      terms: Json
      termsVersion: string
      transaction: string | null
    }
    filter: 'id' | 'organisation' | 'q'
  }
  'sub-orders': {
    row: {
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      buyer: string
      buyerOrganisation: string | null
      deadlineMs: string | null
      endedMs: string | null
      escrowPayments: number
      fee: string
      fees: string
      funded: string
      hold: string
      holdExpiresMs: string
      id: string
      lines: number
      orderId: string
      organisation: string
      paid: string
      refunded: string
      removed: boolean
      settingsVersion: string
      shipments: number
      state: string
      steps: number
      store: string
      terms: Json
      termsVersion: string
      transaction: string | null
    }
    filter: 'buyer' | 'deadlineMs' | 'id' | 'orderId' | 'organisation' | 'state' | 'store'
  }
  'supplies': {
    row: {
      asset: string
      atEvent: number
      atHeight: number
      atIndex: number
      burned: string
      minted: string
      transaction: string | null
    }
    filter: 'asset'
  }
  'transactions': {
    row: {
      calls: number
      code: string | null
      error: Json
      events: number
      failedCall: number | null
      firstCalls: Json
      firstEvents: Json
      gasLimit: string | null
      gasUsed: string
      height: number
      id: string
      index: number
      kind: string
      lane: number | null
      memo: string | null
      message: string | null
      sender: string | null
      sequence: string | null
      succeeded: boolean
      time: string
    }
    filter: 'code' | 'from' | 'id' | 'kind' | 'mentions' | 'module' | 'sender' | 'since' | 'succeeded' | 'to' | 'until'
  }
  'usage-draws': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      charged: string
      creditLine: string | null
      credits: string
      grantId: string | null
      n: number
      transaction: string | null
      usage: string
    }
    filter: 'creditLine' | 'grantId' | 'n' | 'usage'
  }
  'usages': {
    row: {
      account: string
      atEvent: number
      atHeight: number
      atIndex: number
      atMs: string
      credits: string
      creditsMax: string
      expiresMs: string
      id: string
      isReported: boolean
      meter: string
      priceCredits: string
      priceEffectiveMs: string
      pricePer: string
      priceVersion: string
      programme: string
      quantity: string
      quantityMax: string
      reference: string
      referenceRemoved: boolean
      removed: boolean
      service: string
      state: string
      transaction: string | null
    }
    filter: 'account' | 'id' | 'meter' | 'programme' | 'state'
  }
  'validator-uptimes': {
    row: {
      blocks: number | null
      missed: number | null
      name: string | null
      uptimePercent: string | null
      validator: string
    }
    filter: 'name' | 'validator'
  }
  'validators': {
    row: {
      fromHeight: number
      key: string
      name: string
      nodeKey: string
      power: string
    }
    filter: 'current' | 'key' | 'name'
  }
  'variants': {
    row: {
      atEvent: number
      atHeight: number
      atIndex: number
      attributes: Json
      id: string
      product: string
      sku: string
      state: string
      store: string
      transaction: string | null
    }
    filter: 'id' | 'product' | 'sku' | 'store'
  }
  'verifications': {
    row: {
      compared: number
      differences: Json
      differing: number
      height: number
      kind: string
      number: number
      skipped: number
      sums: number
      time: string
    }
    filter: 'differing' | 'kind'
  }
  'votes': {
    row: {
      accepts: boolean
      atEvent: number
      atHeight: number
      atIndex: number
      by: string
      organisation: string
      proposal: string
      time: string
      transaction: string | null
    }
    filter: 'organisation' | 'proposal'
  }
}

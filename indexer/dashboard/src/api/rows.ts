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
    filter: 'programme' | 'account' | 'n'
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
    filter: 'allowance' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'module' | 'dispute' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'id' | 'posting' | 'applicant' | 'state'
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
    filter: 'payment' | 'approver' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'module' | 'account'
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
    filter: 'module' | 'dispute' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'id' | 'subject' | 'organisation'
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
    filter: 'bill' | 'from' | 'to' | 'since' | 'until'
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
      state: string
      transaction: string | null
      untilMs: string
    }
    filter: 'id' | 'creditLine' | 'state'
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
    filter: 'from' | 'to' | 'hash' | 'empty'
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
    filter: 'from' | 'to' | 'height' | 'index' | 'module' | 'function'
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
    filter: 'contract' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'id' | 'client' | 'contractor' | 'state'
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
      state: string
      suspended: boolean
      termMs: string
      transaction: string | null
      unbilled: string
      unbilledFromMs: string | null
      writtenOff: string
    }
    filter: 'id' | 'programme' | 'account' | 'state'
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
    filter: 'programme' | 'account' | 'month' | 'service'
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
    filter: 'programme' | 'account' | 'month'
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
    filter: 'module' | 'dispute' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'module' | 'dispute' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'module' | 'dispute' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'module' | 'id' | 'payer' | 'payee' | 'state' | 'deadlineMs' | 'itemId'
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
    filter: 'account' | 'asset' | 'n' | 'from' | 'to' | 'since' | 'until' | 'reference' | 'kind'
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
    filter: 'subOrder' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'from' | 'to' | 'since' | 'until' | 'height' | 'index' | 'module' | 'name' | 'mentions'
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
    filter: 'module' | 'dispute' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'store' | 'organisation'
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
      returned: string | null
      settled: string | null
      state: string
      transaction: string | null
      used: string
    }
    filter: 'id' | 'programme' | 'account' | 'state' | 'deadlineMs'
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
    filter: 'id' | 'payer' | 'controller' | 'state'
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
    filter: 'posting' | 'account'
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
    filter: 'contract' | 'client' | 'contractor'
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
    filter: 'account' | 'organisation' | 'fromHeight'
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
    filter: 'programme' | 'account'
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
    filter: 'milestone' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'id' | 'contract' | 'state' | 'deadlineMs'
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
    filter: 'module' | 'current'
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
    filter: 'id' | 'posting' | 'client' | 'contractor' | 'state'
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
    filter: 'subOrder' | 'line' | 'variant'
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
    filter: 'subOrder' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'id' | 'buyer'
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
  'parameters': {
    row: {
      fromHeight: number
      name: string
      value: Json
    }
    filter: 'name' | 'current'
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
    filter: 'id' | 'payer' | 'payee' | 'state'
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
    filter: 'permit' | 'approver' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'id' | 'client' | 'state' | 'deadlineMs' | 'q'
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
    filter: 'variant' | 'asset' | 'effectiveMs'
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
    filter: 'product' | 'n'
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
    filter: 'id' | 'store' | 'category' | 'q' | 'state'
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
    filter: 'module' | 'asset'
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
    filter: 'subOrder' | 'store' | 'buyer'
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
    filter: 'request' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'posting' | 'n'
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
    filter: 'subOrder' | 'line'
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
    filter: 'milestone' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'module' | 'role' | 'subject' | 'asset' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'module' | 'role' | 'subject' | 'asset'
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
    filter: 'account' | 'role' | 'fromHeight'
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
    filter: 'module' | 'dispute' | 'n' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'programme' | 'id'
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
    filter: 'subOrder' | 'shipment' | 'line'
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
    filter: 'subOrder' | 'number'
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
    filter: 'variant' | 'location'
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
    filter: 'variant' | 'location' | 'n' | 'subOrder' | 'from' | 'to' | 'since' | 'until'
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
    filter: 'id' | 'store' | 'state' | 'buyer' | 'orderId' | 'deadlineMs' | 'organisation'
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
      firstCalls: Json
      firstEvents: Json
    }
    filter: 'from' | 'to' | 'id' | 'kind' | 'sender' | 'mentions' | 'succeeded' | 'code' | 'module' | 'include' | 'since' | 'until'
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
    filter: 'usage' | 'n' | 'grantId' | 'creditLine'
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
    filter: 'id' | 'programme' | 'account' | 'meter' | 'state'
  }
  'validators': {
    row: {
      fromHeight: number
      key: string
      name: string
      nodeKey: string
      power: string
    }
    filter: 'name' | 'current'
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
    filter: 'id' | 'product' | 'store' | 'sku'
  }
  'network-days': {
    row: {
      day: string
      blocks: number
      blocksWithTransactions: number
      gasUsed: string
      transactions: number
      failed: number
      senders: number
      events: number
    }
    filter: 'from' | 'to'
  }
  'validator-uptimes': {
    row: {
      validator: string
      name: string
      blocks: number
      missed: number
      uptimePercent: string | null
    }
    filter: 'validator' | 'name'
  }
  'network-proposals': {
    row: {
      proposal: string
      organisation: string
      by: string | null
      reason: string
      actions: Json
      state: string
      isOpen: boolean
      percentNeeded: string
      percentFor: string
      percentAgainst: string
      votesFor: number
      votesAgainst: number
      made: string
      executable: string | null
      until: string | null
      failure: Json
      atHeight: number
    }
    filter: 'proposal' | 'organisation' | 'state' | 'isOpen'
  }
  'admin-actions': {
    row: {
      time: string
      by: string | null
      module: string
      action: string
      details: Json
      transaction: string | null
      height: number
      index: number
      event: number
    }
    filter: 'module' | 'action' | 'by' | 'from' | 'to'
  }
  'role-changes': {
    row: {
      time: string
      account: string
      organisation: string
      role: string
      change: string
      until: string | null
      by: string | null
      transaction: string | null
      height: number
      index: number
      event: number
    }
    filter: 'account' | 'organisation' | 'role' | 'change' | 'from' | 'to'
  }
  'failures': {
    row: {
      code: string
      module: string
      function: string
      failures: number
      senders: number
      first: string
      last: string
      lastMessage: string
    }
    filter: 'code' | 'module' | 'function'
  }
  'cash-flow-months': {
    row: {
      account: string
      asset: string
      month: string
      incoming: string
      outgoing: string
      net: string
      netMain: string
      entries: number
    }
    filter: 'account' | 'asset' | 'from' | 'to'
  }
  'escrow-exposures': {
    row: {
      controller: string
      asset: string
      holds: number
      payers: number
      amount: string
      amountMain: string
      largest: string
      nextExpiry: string | null
    }
    filter: 'controller' | 'asset'
  }
  'receivables': {
    row: {
      account: string
      other: string | null
      asset: string
      daysLate: string | null
      invoices: number
      open: string | null
      openMain: string | null
    }
    filter: 'account' | 'asset' | 'other' | 'daysLate'
  }
  'payables': {
    row: {
      account: string
      other: string | null
      asset: string
      daysLate: string | null
      invoices: number
      open: string | null
      openMain: string | null
    }
    filter: 'account' | 'asset' | 'other' | 'daysLate'
  }
  'stock-levels': {
    row: {
      store: string
      product: string
      title: string
      sku: string
      variant: string
      location: string
      onHand: string
      reserved: string
      available: string
      shipped30Days: string
      daysOfCover: string | null
      atHeight: number
    }
    filter: 'store' | 'product' | 'sku' | 'variant' | 'location'
  }
  'sales-days': {
    row: {
      store: string
      asset: string
      day: string
      orders: number
      pieces: string
      ordered: string
      paid: string
      refunded: string
      fees: string
      orderedMain: string
      paidMain: string
    }
    filter: 'store' | 'asset' | 'from' | 'to'
  }
  'market-days': {
    row: {
      asset: string
      day: string
      stores: number
      orders: number
      pieces: string
      ordered: string
      paid: string
      refunded: string
      fees: string
      orderedMain: string
      paidMain: string
    }
    filter: 'asset' | 'from' | 'to'
  }
  'product-months': {
    row: {
      store: string
      product: string
      title: string
      asset: string
      month: string
      orders: number
      ordered: string
      shipped: string
      returned: string
      amount: string
      amountMain: string
    }
    filter: 'store' | 'product' | 'asset' | 'from' | 'to'
  }
  'order-funnels': {
    row: {
      store: string
      state: string
      orders: number
      percentOfPlaced: string
      medianS: string
      percentile90S: string
    }
    filter: 'store' | 'state'
  }
  'returns': {
    row: {
      subOrder: string
      store: string
      buyer: string
      requested: string
      state: string
      reason: string
      pieces: string
      value: string
      asset: string
      valueMain: string
      carrier: string
      tracking: string
      received: boolean
      restocked: boolean
      atHeight: number
    }
    filter: 'store' | 'buyer' | 'state'
  }
  'open-orders': {
    row: {
      subOrder: string
      orderId: string
      store: string
      organisation: string
      buyer: string
      state: string
      asset: string
      totalMain: string
      unsettledMain: string
      deadline: string | null
      isLate: boolean
      lateS: string | null
      mustAct: string
      atHeight: number
    }
    filter: 'store' | 'organisation' | 'buyer' | 'state' | 'mustAct' | 'isLate'
  }
  'open-disputes': {
    row: {
      module: string
      dispute: string
      itemId: string
      payer: string
      payee: string
      claimant: string
      amount: string
      reason: string
      state: string
      deadline: string | null
      atHeight: number
    }
    filter: 'module' | 'itemId' | 'payer' | 'payee' | 'state'
  }
  'open-jobs': {
    row: {
      posting: string
      client: string
      title: string
      state: string
      visibility: string
      positions: number
      hired: number
      asset: string
      budgetMain: string
      applyUntil: string
      atHeight: number
    }
    filter: 'client' | 'state' | 'visibility'
  }
  'hiring-funnels': {
    row: {
      posting: string
      client: string
      title: string
      state: string
      positions: number
      applications: number
      shortlisted: number
      rejected: number
      withdrawn: number
      offers: number
      offersAccepted: number
      hired: number
      filledPercent: string
      atHeight: number
    }
    filter: 'client' | 'state'
  }
  'due-milestones': {
    row: {
      contract: string
      milestone: string
      title: string
      client: string
      contractor: string
      state: string
      mustAct: string
      asset: string
      amount: string
      amountMain: string
      due: string
      deadline: string | null
      isLate: boolean
      atHeight: number
    }
    filter: 'contract' | 'client' | 'contractor' | 'state' | 'mustAct' | 'isLate'
  }
  'contractor-months': {
    row: {
      contractor: string
      asset: string
      month: string
      clients: number
      milestones: number
      paid: string
      fees: string
      paidMain: string
    }
    filter: 'contractor' | 'asset' | 'from' | 'to'
  }
  'credit-usage-days': {
    row: {
      programme: string
      programmeName: string
      account: string
      service: string
      day: string
      usages: number
      quantity: string
      credits: string
    }
    filter: 'programme' | 'account' | 'service' | 'from' | 'to'
  }
  'credit-days': {
    row: {
      programme: string
      programmeName: string
      day: string
      accounts: number
      usages: number
      credits: string
    }
    filter: 'programme' | 'from' | 'to'
  }
  'credit-liabilities': {
    row: {
      programme: string
      programmeName: string
      issuer: string
      sold: boolean
      asset: string
      grants: number
      accounts: number
      granted: string
      used: string
      held: string
      unused: string
      unsettled: string
      unsettledMain: string
    }
    filter: 'programme' | 'issuer' | 'sold' | 'asset'
  }
  'credit-line-states': {
    row: {
      creditLine: string
      programme: string
      account: string
      asset: string
      state: string
      suspended: boolean
      creditLimit: string
      held: string
      unbilled: string
      billed: string
      drawn: string
      free: string
      open: string | null
      openMain: string | null
      daysLate: string | null
      atHeight: number
    }
    filter: 'programme' | 'account' | 'asset' | 'state' | 'suspended' | 'daysLate'
  }
  'role-limits-today': {
    row: {
      module: string
      role: string
      subject: string
      asset: string
      singleMax: string | null
      dailyMax: string | null
      usedToday: string
      leftToday: string | null
      atHeight: number
    }
    filter: 'module' | 'role' | 'subject' | 'asset'
  }
  'overdue-bills': {
    row: {
      bill: string
      creditLine: string
      programme: string
      account: string
      asset: string
      state: string
      amount: string
      paid: string
      open: string | null
      openMain: string | null
      due: string
      daysLate: number | null
      atHeight: number
    }
    filter: 'creditLine' | 'programme' | 'account' | 'asset'
  }
  'proposals': {
    row: {
      id: string
      by: string
      organisation: string
      reason: string
      actions: Json
      percent: string
      lockMs: string
      votingMs: string
      madeMs: string
      untilMs: string
      state: string
      executableMs: string | null
      failure: Json
      atHeight: number
      transaction: string | null
    }
    filter: 'id' | 'state' | 'organisation'
  }
  'votes': {
    row: {
      proposal: string
      organisation: string
      by: string
      accepts: boolean
      time: string
      atHeight: number
      transaction: string | null
    }
    filter: 'proposal' | 'organisation'
  }
}

// Cost

"""What an auditor would find: every audit rule, folded over the facts as they are recorded."""

esrbench.given("reference-20261126t223921z-809f79-quick",{});

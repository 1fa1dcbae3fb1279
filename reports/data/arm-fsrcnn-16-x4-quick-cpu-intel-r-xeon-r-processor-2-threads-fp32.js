esrbench.given("reference-20261126t233916z-3be399-quick",{});

esrbench.given("reference-20261126t233223z-3e96ff-quick",{});

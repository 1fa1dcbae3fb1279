esrbench.given("reference-20261126t232427z-5a9f2c-quick",{});

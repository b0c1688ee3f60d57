"""What every service process needs: settings, logs, HTTP problems, authentication, commands, composition."""

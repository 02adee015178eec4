"""WSGI entry: `app` for a server, and `python app.py` to set up and serve."""

if __name__ == "__main__":
    from lms.serve import main

    main()
else:
    from lms.serve import build

    app = build()
